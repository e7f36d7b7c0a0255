/*
 * Java's providers as a peer. First line: the operations offered, as a JSON list. Then, for each line "operation count" on
 * stdin ("RSA 2048 generate 10"), one line with the nanoseconds that so many calls took.
 */
import java.io.*;
import java.security.*;
import java.security.spec.*;
import java.util.*;
import javax.crypto.KeyAgreement;

public class Keys {
    interface Call { Object run() throws Exception; }

    static final Map<String, Call> calls = new LinkedHashMap<>();
    static final byte[] MESSAGE = new byte[32];
    static Object kept;

    static void signing(String name, KeyPair key, String algorithm, String suffix) throws Exception {
        Signature signer = Signature.getInstance(algorithm), verifier = Signature.getInstance(algorithm);
        signer.initSign(key.getPrivate());
        signer.update(MESSAGE);
        byte[] signature = signer.sign();
        verifier.initVerify(key.getPublic());
        calls.put(name + " sign" + suffix, () -> { signer.update(MESSAGE); return signer.sign(); });
        calls.put(name + " verify" + suffix, () -> {
            verifier.update(MESSAGE);
            if (!verifier.verify(signature)) throw new IllegalStateException(name);
            return null;
        });
    }

    static void agreeing(String name, KeyPair key, KeyPair peer, String algorithm) throws Exception {
        KeyAgreement agreement = KeyAgreement.getInstance(algorithm);
        calls.put(name + " agree", () -> {
            agreement.init(key.getPrivate());
            agreement.doPhase(peer.getPublic(), true);
            return agreement.generateSecret();
        });
    }

    public static void main(String[] arguments) throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4));
        calls.put("RSA 2048 generate", rsa::generateKeyPair);
        signing("RSA 2048", rsa.generateKeyPair(), "SHA256withRSA", "");

        KeyPairGenerator dsa = KeyPairGenerator.getInstance("DSA");
        dsa.initialize(2048); // takes the provider's own parameters for this length
        calls.put("DSA 2048 generate in parameters", dsa::generateKeyPair);
        signing("DSA 2048", dsa.generateKeyPair(), "SHA256withDSA", "");

        KeyPairGenerator dh = KeyPairGenerator.getInstance("DH");
        dh.initialize(2048);
        calls.put("DH 2048 generate", dh::generateKeyPair);
        agreeing("DH 2048", dh.generateKeyPair(), dh.generateKeyPair(), "DH");

        for (String bits : List.of("256", "384", "521")) {
            KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
            ec.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
            calls.put("EC P-" + bits + " generate", ec::generateKeyPair);
            signing("EC P-" + bits, ec.generateKeyPair(), "NONEwithECDSA", " hash");
            agreeing("EC P-" + bits, ec.generateKeyPair(), ec.generateKeyPair(), "ECDH");
        }

        KeyPairGenerator x25519 = KeyPairGenerator.getInstance("X25519");
        calls.put("X25519 generate", x25519::generateKeyPair);
        agreeing("X25519", x25519.generateKeyPair(), x25519.generateKeyPair(), "X25519");

        System.out.println("[\"" + String.join("\", \"", calls.keySet()) + "\"]");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            int end = line.lastIndexOf(' ');
            Call call = calls.get(line.substring(0, end));
            int count = Integer.parseInt(line.substring(end + 1));
            long begun = System.nanoTime();
            for (int turn = 0; turn < count; turn++) kept = call.run();
            System.out.println(System.nanoTime() - begun);
        }
    }
}
