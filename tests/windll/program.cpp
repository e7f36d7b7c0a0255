// A C++ program: the strings are std::u16string, and threads are std::thread.
#include "check.h"
#include <memory>
#include <string>
#include <thread>
#include <vector>

class Key {
public:
    Key()
    {
        OK(BCryptGenerateKeyPair(BCRYPT_ECDSA_P256_ALG_HANDLE, &handle, 256, 0));
        OK(BCryptFinalizeKeyPair(handle, 0));
    }
    ~Key() { BCryptDestroyKey(handle); }
    Key(const Key &) = delete;
    Key &operator=(const Key &) = delete;

    std::basic_string<WCHAR> text(LPCWSTR name) const
    {
        ULONG size = 0;
        OK(BCryptGetProperty(handle, name, nullptr, 0, &size, 0));
        std::basic_string<WCHAR> found(size / sizeof(WCHAR), WCHAR());
        OK(BCryptGetProperty(handle, name, reinterpret_cast<PUCHAR>(&found[0]), size, &size, 0));
        found.pop_back();
        return found;
    }

private:
    BCRYPT_KEY_HANDLE handle = nullptr;
};

static std::unique_ptr<Key> until_exit; // its destructor runs after main()

int main()
{
    until_exit.reset(new Key);
    std::vector<std::thread> threads;
    for (int index = 0; index < 4; index++)
        threads.emplace_back([] {
            Key key;
            CHECK(key.text(BCRYPT_ALGORITHM_NAME) == BCRYPT_ECDSA_P256_ALGORITHM);
        });
    for (auto &each : threads)
        each.join();
    BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO info;
    BCRYPT_INIT_AUTH_MODE_INFO(info);
    CHECK(BCRYPT_SUCCESS(STATUS_SUCCESS) && !BCRYPT_SUCCESS(STATUS_INVALID_HANDLE) && info.cbSize == sizeof info);
    puts("right");
    return 0;
}
