import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** Reads lines "algorithm private public" (DER in base64) and writes what Java makes of the two halves. */
public class Keys {
    public static void main(String[] arguments) throws Exception {
        Base64.Encoder out = Base64.getEncoder();
        Base64.Decoder in = Base64.getDecoder();
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            String[] word = line.split(" ");
            byte[] first, second;
            if (word.length == 2) {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(word[0]);
                if (!word[1].equals("0")) {
                    generator.initialize(Integer.parseInt(word[1]));
                }
                var pair = generator.generateKeyPair();
                first = pair.getPrivate().getEncoded();
                second = pair.getPublic().getEncoded();
            } else {
                KeyFactory factory = KeyFactory.getInstance(word[0]);
                first = factory.generatePrivate(new PKCS8EncodedKeySpec(in.decode(word[1]))).getEncoded();
                second = factory.generatePublic(new X509EncodedKeySpec(in.decode(word[2]))).getEncoded();
            }
            System.out.println(out.encodeToString(first) + " " + out.encodeToString(second));
        }
    }
}
