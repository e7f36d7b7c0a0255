"""The domain parameters of the curves of bcrypt.h that are in rare use: 27 names of 26 curves.

The numbers come from RFC 5639 (Brainpool), SEC 2 versions 1 and 2 (secp), ANSI X9.62 (x962), the WAP Forum's WTLS
(wtls), the example curve of the WAPI standard (ec192wapi), and SymCrypt's tables (nums: draft-black-numscurves, twisted
Edwards with a = -1). tests/blobs/test_curves.py proves each: p and n are prime, G is on the curve and has the order n.
"""

from __future__ import annotations

from typing import NamedTuple

from cngcore.constants import (
    BCRYPT_ECC_PRIME_SHORT_WEIERSTRASS_CURVE as WEIERSTRASS,
)
from cngcore.constants import (
    BCRYPT_ECC_PRIME_TWISTED_EDWARDS_CURVE as EDWARDS,
)


class Row(NamedTuple):
    """One curve: its names, the preferred one first, and its numbers in hexadecimal digits."""

    names: str
    oid: str
    bits: int
    curve_type: int
    h: int
    p: str
    a: str
    b: str
    gx: str
    gy: str
    n: str


# fmt: off
ROWS = (
    Row(
        "brainpoolP160r1", "1.3.36.3.3.2.8.1.1.1", 160, WEIERSTRASS, 1,
        "e95e4a5f 737059dc 60dfc7ad 95b3d813 9515620f",
        "340e7be2 a280eb74 e2be61ba da745d97 e8f7c300",
        "1e589a85 95423412 134faa2d bdec95c8 d8675e58",
        "bed5af16 ea3f6a4f 62938c46 31eb5af7 bdbcdbc3",
        "1667cb47 7a1a8ec3 38f94741 669c9763 16da6321",
        "e95e4a5f 737059dc 60df5991 d4502940 9e60fc09",
    ),
    Row(
        "brainpoolP160t1", "1.3.36.3.3.2.8.1.1.2", 160, WEIERSTRASS, 1,
        "e95e4a5f 737059dc 60dfc7ad 95b3d813 9515620f",
        "e95e4a5f 737059dc 60dfc7ad 95b3d813 9515620c",
        "7a556b6d ae535b7b 51ed2c4d 7daa7a0b 5c55f380",
        "b199b13b 9b34efc1 397e64ba eb05acc2 65ff2378",
        "add6718b 7c7c1961 f0991b84 24437721 52c9e0ad",
        "e95e4a5f 737059dc 60df5991 d4502940 9e60fc09",
    ),
    Row(
        "brainpoolP192r1", "1.3.36.3.3.2.8.1.1.3", 192, WEIERSTRASS, 1,
        "c302f41d 932a36cd a7a34630 93d18db7 8fce476d e1a86297",
        "6a911740 76b1e0e1 9c39c031 fe8685c1 cae040e5 c69a28ef",
        "469a28ef 7c28cca3 dc721d04 4f4496bc ca7ef414 6fbf25c9",
        "c0a0647e aab6a487 53b033c5 6cb0f090 0a2f5c48 53375fd6",
        "14b69086 6abd5bb8 8b5f4828 c1490002 e6773fa2 fa299b8f",
        "c302f41d 932a36cd a7a3462f 9e9e916b 5be8f102 9ac4acc1",
    ),
    Row(
        "brainpoolP192t1", "1.3.36.3.3.2.8.1.1.4", 192, WEIERSTRASS, 1,
        "c302f41d 932a36cd a7a34630 93d18db7 8fce476d e1a86297",
        "c302f41d 932a36cd a7a34630 93d18db7 8fce476d e1a86294",
        "13d56ffa ec78681e 68f9deb4 3b35bec2 fb68542e 27897b79",
        "3ae9e58c 82f63c30 282e1fe7 bbf43fa7 2c446af6 f4618129",
        "97e2c56 67c2223a 902ab5ca 449d0084 b7e5b3de 7ccc01c9",
        "c302f41d 932a36cd a7a3462f 9e9e916b 5be8f102 9ac4acc1",
    ),
    Row(
        "brainpoolP224r1", "1.3.36.3.3.2.8.1.1.5", 224, WEIERSTRASS, 1,
        "d7c134aa 26436686 2a183025 75d1d787 b09f0757 97da89f5 7ec8c0ff",
        "68a5e62c a9ce6c1c 299803a6 c1530b51 4e182ad8 b0042a59 cad29f43",
        "2580f63c cfe44138 870713b1 a92369e3 3e2135d2 66dbb372 386c400b",
        "d9029ad 2c7e5cf4 340823b2 a87dc68c 9e4ce317 4c1e6efd ee12c07d",
        "58aa56f7 72c0726f 24c6b89e 4ecdac24 354b9e99 caa3f6d3 761402cd",
        "d7c134aa 26436686 2a183025 75d0fb98 d116bc4b 6ddebca3 a5a7939f",
    ),
    Row(
        "brainpoolP224t1", "1.3.36.3.3.2.8.1.1.6", 224, WEIERSTRASS, 1,
        "d7c134aa 26436686 2a183025 75d1d787 b09f0757 97da89f5 7ec8c0ff",
        "d7c134aa 26436686 2a183025 75d1d787 b09f0757 97da89f5 7ec8c0fc",
        "4b337d93 4104cd7b ef271bf6 0ced1ed2 0da14c08 b3bb64f1 8a60888d",
        "6ab1e344 ce25ff38 96424e7f fe14762e cb49f892 8ac0c760 29b4d580",
        "374e9f5 143e568c d23f3f4d 7c0d4b1e 41c8cc0d 1c6abd5f 1a46db4c",
        "d7c134aa 26436686 2a183025 75d0fb98 d116bc4b 6ddebca3 a5a7939f",
    ),
    Row(
        "brainpoolP256t1", "1.3.36.3.3.2.8.1.1.8", 256, WEIERSTRASS, 1,
        "a9fb57db a1eea9bc 3e660a90 9d838d72 6e3bf623 d5262028 2013481d 1f6e5377",
        "a9fb57db a1eea9bc 3e660a90 9d838d72 6e3bf623 d5262028 2013481d 1f6e5374",
        "662c61c4 30d84ea4 fe66a773 3d0b76b7 bf93ebc4 af2f4925 6ae58101 fee92b04",
        "a3e8eb3c c1cfe7b7 732213b2 3a656149 afa142c4 7aafbc2b 79a19156 2e1305f4",
        "2d996c82 3439c56d 7f7b22e1 4644417e 69bcb6de 39d02700 1dabe8f3 5b25c9be",
        "a9fb57db a1eea9bc 3e660a90 9d838d71 8c397aa3 b561a6f7 901e0e82 974856a7",
    ),
    Row(
        "brainpoolP320r1", "1.3.36.3.3.2.8.1.1.9", 320, WEIERSTRASS, 1,
        "d35e4720 36bc4fb7 e13c785e d201e065 f98fcfa6 f6f40def 4f92b9ec 7893ec28 fcd412b1 f1b32e27",
        "3ee30b56 8fbab0f8 83ccebd4 6d3f3bb8 a2a73513 f5eb79da 66190eb0 85ffa9f4 92f375a9 7d860eb4",
        "52088394 9dfdbc42 d3ad1986 40688a6f e13f4134 9554b49a cc31dccd 88453981 6f5eb4ac 8fb1f1a6",
        "43bd7e9a fb53d8b8 5289bcc4 8ee5bfe6 f20137d1 0a087eb6 e7871e2a 10a599c7 10af8d0d 39e20611",
        "14fdd055 45ec1cc8 ab409324 7f77275e 0743ffed 117182ea a9c77877 aaac6ac7 d35245d1 692e8ee1",
        "d35e4720 36bc4fb7 e13c785e d201e065 f98fcfa5 b68f12a3 2d482ec7 ee8658e9 8691555b 44c59311",
    ),
    Row(
        "brainpoolP320t1", "1.3.36.3.3.2.8.1.1.10", 320, WEIERSTRASS, 1,
        "d35e4720 36bc4fb7 e13c785e d201e065 f98fcfa6 f6f40def 4f92b9ec 7893ec28 fcd412b1 f1b32e27",
        "d35e4720 36bc4fb7 e13c785e d201e065 f98fcfa6 f6f40def 4f92b9ec 7893ec28 fcd412b1 f1b32e24",
        "a7f561e0 38eb1ed5 60b3d147 db782013 064c19f2 7ed27c67 80aaf77f b8a547ce b5b4fef4 22340353",
        "925be9fb 01afc6fb 4d3e7d49 90010f81 3408ab10 6c4f09cb 7ee07868 cc136fff 3357f624 a21bed52",
        "63ba3a7a 27483ebf 6671dbef 7abb30eb ee084e58 a0b077ad 42a5a098 9d1ee71b 1b9bc045 5fb0d2c3",
        "d35e4720 36bc4fb7 e13c785e d201e065 f98fcfa5 b68f12a3 2d482ec7 ee8658e9 8691555b 44c59311",
    ),
    Row(
        "brainpoolP384t1", "1.3.36.3.3.2.8.1.1.12", 384, WEIERSTRASS, 1,
        (
            "8cb91e82 a3386d28 0f5d6f7e 50e641df 152f7109 ed5456b4 12b1da19 7fb71123 acd3a729 901d1a71 87470013 "
            "3107ec53"
        ),
        (
            "8cb91e82 a3386d28 0f5d6f7e 50e641df 152f7109 ed5456b4 12b1da19 7fb71123 acd3a729 901d1a71 87470013 "
            "3107ec50"
        ),
        (
            "7f519ead a7bda81b d826dba6 47910f8c 4b9346ed 8ccdc64e 4b1abd11 756dce1d 2074aa26 3b88805c ed70355a "
            "33b471ee"
        ),
        (
            "18de98b0 2db9a306 f2afcd72 35f72a81 9b80ab12 ebd65317 2476fecd 462aabff c4ff191b 946a5f54 d8d0aa2f "
            "418808cc"
        ),
        (
            "25ab0569 62d30651 a114afd2 755ad336 747f9347 5b7a1fca 3b88f2b6 a208ccfe 46940858 4dc2b291 2675bf5b "
            "9e582928"
        ),
        (
            "8cb91e82 a3386d28 0f5d6f7e 50e641df 152f7109 ed5456b3 1f166e6c ac0425a7 cf3ab6af 6b7fc310 3b883202 "
            "e9046565"
        ),
    ),
    Row(
        "brainpoolP512t1", "1.3.36.3.3.2.8.1.1.14", 512, WEIERSTRASS, 1,
        (
            "aadd9db8 dbe9c48b 3fd4e6ae 33c9fc07 cb308db3 b3c9d20e d6639cca 70330871 7d4d9b00 9bc66842 aecda12a "
            "e6a380e6 2881ff2f 2d82c685 28aa6056 583a48f3"
        ),
        (
            "aadd9db8 dbe9c48b 3fd4e6ae 33c9fc07 cb308db3 b3c9d20e d6639cca 70330871 7d4d9b00 9bc66842 aecda12a "
            "e6a380e6 2881ff2f 2d82c685 28aa6056 583a48f0"
        ),
        (
            "7cbbbcf9 441cfab7 6e1890e4 6884eae3 21f70c0b cb498152 7897504b ec3e36a6 2bcdfa23 04976540 f6450085 "
            "f2dae145 c22553b4 65763689 180ea257 1867423e"
        ),
        (
            "640ece5c 12788717 b9c1ba06 cbc2a6fe ba858424 58c56dde 9db1758d 39c0313d 82ba5173 5cdb3ea4 99aa77a7 "
            "d6943a64 f7a3f25f e26f06b5 1baa2696 fa9035da"
        ),
        (
            "5b534bd5 95f5af0f a2c89237 6c84ace1 bb4e3019 b71634c0 1131159c ae03cee9 d9932184 beef216b d71df2da "
            "df86a627 306ecff9 6dbb8bac e198b61e 00f8b332"
        ),
        (
            "aadd9db8 dbe9c48b 3fd4e6ae 33c9fc07 cb308db3 b3c9d20e d6639cca 70330870 553e5c41 4ca92619 41866119 "
            "7fac1047 1db1d381 085ddadd b5879682 9ca90069"
        ),
    ),
    Row(
        "secP160k1", "1.3.132.0.9", 160, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff fffffffe ffffac73",
        "0",
        "7",
        "3b4c382c e37aa192 a4019e76 3036f4f5 dd4d7ebb",
        "938cf935 318fdced 6bc28286 531733c3 f03c4fee",
        "1 00000000 00000000 0001b8fa 16dfab9a ca16b6b3",
    ),
    Row(
        "secP160r1", "1.3.132.0.8", 160, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff ffffffff 7fffffff",
        "ffffffff ffffffff ffffffff ffffffff 7ffffffc",
        "1c97befc 54bd7a8b 65acf89f 81d4d4ad c565fa45",
        "4a96b568 8ef57328 46646989 68c38bb9 13cbfc82",
        "23a62855 3168947d 59dcc912 04235137 7ac5fb32",
        "1 00000000 00000000 0001f4c8 f927aed3 ca752257",
    ),
    Row(
        "secP160r2 wtls7", "1.3.132.0.30", 160, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff fffffffe ffffac73",
        "ffffffff ffffffff ffffffff fffffffe ffffac70",
        "b4e134d3 fb59eb8b ab572749 04664d5a f50388ba",
        "52dcb034 293a117e 1f4ff11b 30f7199d 3144ce6d",
        "feaffef2 e331f296 e071fa0d f9982cfe a7d43f2e",
        "1 00000000 00000000 0000351e e786a818 f3a1a16b",
    ),
    Row(
        "secP192k1", "1.3.132.0.31", 192, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff ffffffff fffffffe ffffee37",
        "0",
        "3",
        "db4ff10e c057e9ae 26b07d02 80b7f434 1da5d1b1 eae06c7d",
        "9b2f2f6d 9c5628a7 844163d0 15be8634 4082aa88 d95e2f9d",
        "ffffffff ffffffff fffffffe 26f2fc17 0f69466a 74defd8d",
    ),
    Row(
        "secP224k1", "1.3.132.0.32", 224, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff ffffffff ffffffff fffffffe ffffe56d",
        "0",
        "5",
        "a1455b33 4df099df 30fc28a1 69a467e9 e47075a9 0f7e650e b6b7a45c",
        "7e089fed 7fba3442 82cafbd6 f7e319f7 c0b0bd59 e2ca4bdb 556d61a5",
        "1 00000000 00000000 00000000 0001dce8 d2ec6184 caf0a971 769fb1f7",
    ),
    Row(
        "wtls9", "2.23.43.1.4.9", 160, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff ffffffff fffc808f",
        "0",
        "3",
        "1",
        "2",
        "1 00000000 00000000 0001cdc9 8ae0e2de 574abf33",
    ),
    Row(
        "x962P192v2", "1.2.840.10045.3.1.2", 192, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff fffffffe ffffffff ffffffff",
        "ffffffff ffffffff ffffffff fffffffe ffffffff fffffffc",
        "cc22d6df b95c6b25 e49c0d63 64a4e598 0c393aa2 1668d953",
        "eea2bae7 e1497842 f2de7769 cfe9c989 c072ad69 6f48034a",
        "6574d11d 69b6ec7a 672bb82a 083df2f2 b0847de9 70b2de15",
        "ffffffff ffffffff fffffffe 5fb1a724 dc804186 48d8dd31",
    ),
    Row(
        "x962P192v3", "1.2.840.10045.3.1.3", 192, WEIERSTRASS, 1,
        "ffffffff ffffffff ffffffff fffffffe ffffffff ffffffff",
        "ffffffff ffffffff ffffffff fffffffe ffffffff fffffffc",
        "22123dc2 395a05ca a7423dae ccc94760 a7d46225 6bd56916",
        "7d297781 00c65a1d a1783716 588dce2b 8b4aee8e 228f1896",
        "38a90f22 63733733 4b49dcb6 6a6dc8f9 978aca76 48a943b0",
        "ffffffff ffffffff ffffffff 7a62d031 c83f4294 f640ec13",
    ),
    Row(
        "x962P239v1", "1.2.840.10045.3.1.4", 239, WEIERSTRASS, 1,
        "7fff ffffffff ffffffff ffff7fff ffffffff 80000000 00007fff ffffffff",
        "7fff ffffffff ffffffff ffff7fff ffffffff 80000000 00007fff fffffffc",
        "6b01 6c3bdcf1 8941d0d6 54921475 ca71a9db 2fb27d1d 37796185 c2942c0a",
        "ffa 963cdca8 816ccc33 b8642bed f905c3d3 58573d3f 27fbbd3b 3cb9aaaf",
        "7deb e8e4e90a 5dae6e40 54ca530b a04654b3 6818ce22 6b39fccb 7b02f1ae",
        "7fff ffffffff ffffffff ffff7fff ff9e5e9a 9f5d9071 fbd15226 88909d0b",
    ),
    Row(
        "x962P239v2", "1.2.840.10045.3.1.5", 239, WEIERSTRASS, 1,
        "7fff ffffffff ffffffff ffff7fff ffffffff 80000000 00007fff ffffffff",
        "7fff ffffffff ffffffff ffff7fff ffffffff 80000000 00007fff fffffffc",
        "617f ab683257 6cbbfed5 0d99f024 9c3fee58 b94ba003 8c7ae84c 8c832f2c",
        "38af 09d98727 705120c9 21bb5e9e 26296a3c dcf2f357 57a0eafd 87b830e7",
        "5b01 25e4dbea 0ec7206d a0fc01d9 b081329f b555de6e f460237d ff8be4ba",
        "7fff ffffffff ffffffff ffff8000 00cfa7e8 594377d4 14c03821 bc582063",
    ),
    Row(
        "x962P239v3", "1.2.840.10045.3.1.6", 239, WEIERSTRASS, 1,
        "7fff ffffffff ffffffff ffff7fff ffffffff 80000000 00007fff ffffffff",
        "7fff ffffffff ffffffff ffff7fff ffffffff 80000000 00007fff fffffffc",
        "2557 05fa2a30 6654b1f4 cb03d6a7 50a30c25 0102d498 8717d9ba 15ab6d3e",
        "6768 ae8e18bb 92cfcf00 5c949aa2 c6d94853 d0e660bb f854b1c9 505fe95a",
        "1607 e6898f39 0c06bc1d 552bad22 6f3b6fcf e48b6e81 8499af18 e3ed6cf3",
        "7fff ffffffff ffffffff ffff7fff ff975deb 41b3a605 7c3c4321 46526551",
    ),
    Row(
        "ec192wapi", "1.2.156.11235.1.1.2.1", 192, WEIERSTRASS, 1,
        "bdb6f4fe 3e8b1d9e 0da8c0d4 6f4c318c efe4afe3 b6b8551f",
        "bb8e5e8f bc115e13 9fe6a814 fe48aaa6 f0ada1aa 5df91985",
        "1854bebd c31b21b7 aefc80ab 0ecd10d5 b1b3308e 6dbf11c1",
        "4ad5f704 8de709ad 51236de6 5e4d4b48 2c836dc6 e4106640",
        "2bb3a02 d4aaadac ae24817a 4ca3a1b0 14b52704 32db27d2",
        "bdb6f4fe 3e8b1d9e 0da8c0d4 0fc96219 5dfae76f 56564677",
    ),
    Row(
        "numsP256t1", "", 256, EDWARDS, 4,
        "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffff43",
        "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffff42",
        "3bee",
        "d",
        "7d0ab41e 2a1276db a3d330b3 9fa046bf be2a6d63 824d303f 707f6fb5 331cadba",
        "3fffffff ffffffff ffffffff ffffffff be6aa55a d0a6bc64 e5b84e6f 1122b4ad",
    ),
    Row(
        "numsP384t1", "", 384, EDWARDS, 4,
        (
            "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
            "fffffec3"
        ),
        (
            "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
            "fffffec2"
        ),
        "5158a",
        "8",
        (
            "749cdaba 136ce9b6 5bd44717 94aa619d aa5c7b4c 930bff8e bd798a8a e753c6d7 2f003860 febabad5 34a4acf5 "
            "fa7f5bee"
        ),
        (
            "3fffffff ffffffff ffffffff ffffffff ffffffff ffffffff ecd7d11e d5a259a2 5a13a045 8e39f4e4 51d6d71f "
            "70426e25"
        ),
    ),
    Row(
        "numsP512t1", "", 512, EDWARDS, 4,
        (
            "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
            "ffffffff ffffffff ffffffff ffffffff fffffdc7"
        ),
        (
            "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff "
            "ffffffff ffffffff ffffffff ffffffff fffffdc6"
        ),
        "9baa8",
        "20",
        (
            "7d67e841 dc4c467b 605091d8 0869212f 9ceb124b f726973f 9ff04877 9e1d614e 62ae2ece 5057b5da d96b7a89 "
            "7c1d7279 92611346 38750f4f 0cb91027 543b1c5e"
        ),
        (
            "3fffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff a7e50809 efdabbb9 a624784f "
            "449545f0 dcea5ff0 cb800f89 4e78d1cb 0b5f0189"
        ),
    ),
)
# fmt: on
