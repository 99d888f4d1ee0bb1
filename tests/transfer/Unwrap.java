// SPDX-License-Identifier: Apache-2.0
//
// Unwraps packages of method 2 with SunJCE, for peers.tap: an implementation
// of OAEP and of RFC 5649 that shares nothing with libcrypto.  Each line of
// standard input names four files, with tabs between: the KEK's PKCS#8 (DER),
// the package, the original's public key (DER) or "-", and where the plaintext
// goes.  Prints "same" or why not, a line each; "same" says that what the
// recovered key signs the original's public key verifies.
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Scanner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

public class Unwrap {
	private static final Pattern CIPHERTEXT = Pattern.compile(
	    "\"ciphertext\": *\"([A-Za-z0-9_-]*)\"");

	private static byte[] ciphertext(String path) throws Exception {
		String text = Files.readString(Path.of(path));
		Matcher m = CIPHERTEXT.matcher(text);

		if (!m.find())
			throw new Exception("no ciphertext");
		return Base64.getUrlDecoder().decode(m.group(1));
	}

	private static SecretKeySpec aes(RSAPrivateKey kek, byte[] c1)
	    throws Exception {
		Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");

		rsa.init(Cipher.DECRYPT_MODE, kek, new OAEPParameterSpec(
		    "SHA-1", "MGF1", MGF1ParameterSpec.SHA1,
		    PSource.PSpecified.DEFAULT));
		return new SecretKeySpec(rsa.doFinal(c1), "AES");
	}

	private static Key unwrap(SecretKeySpec aes, byte[] c2, String type,
	    int kind) throws Exception {
		Cipher kwp = Cipher.getInstance("AES/KWP/NoPadding");

		kwp.init(Cipher.UNWRAP_MODE, aes);
		return kwp.unwrap(c2, type, kind);
	}

	private static boolean signs(PrivateKey key, PublicKey pub)
	    throws Exception {
		String name = pub.getAlgorithm().equals("RSA") ?
		    "SHA256withRSA" : "SHA256withECDSA";
		byte[] msg = "challenge".getBytes(StandardCharsets.UTF_8);
		Signature s = Signature.getInstance(name);
		byte[] sig;

		s.initSign(key);
		s.update(msg);
		sig = s.sign();
		s = Signature.getInstance(name);
		s.initVerify(pub);
		s.update(msg);
		return s.verify(sig);
	}

	private static PublicKey read(byte[] der) throws Exception {
		try {
			return KeyFactory.getInstance("RSA").generatePublic(
			    new X509EncodedKeySpec(der));
		} catch (Exception e) {
			return KeyFactory.getInstance("EC").generatePublic(
			    new X509EncodedKeySpec(der));
		}
	}

	private static String one(String[] file) throws Exception {
		RSAPrivateKey kek = (RSAPrivateKey)KeyFactory.getInstance(
		    "RSA").generatePrivate(new PKCS8EncodedKeySpec(
		    Files.readAllBytes(Path.of(file[0]))));
		int n = kek.getModulus().bitLength() / 8;
		byte[] c = ciphertext(file[1]);
		SecretKeySpec aes = aes(kek, Arrays.copyOf(c, n));
		byte[] c2 = Arrays.copyOfRange(c, n, c.length);
		PublicKey pub;

		if (aes.getEncoded().length != 32)
			return "the AES key has not 256 bits";
		Files.write(Path.of(file[3]), unwrap(aes, c2, "AES",
		    Cipher.SECRET_KEY).getEncoded());
		// SunEC has no P-256K: only its bytes can be looked at.
		if (file[2].equals("-"))
			return "same";
		pub = read(Files.readAllBytes(Path.of(file[2])));
		return signs((PrivateKey)unwrap(aes, c2, pub.getAlgorithm(),
		    Cipher.PRIVATE_KEY), pub) ? "same" : "another key";
	}

	public static void main(String[] args) {
		Scanner in = new Scanner(System.in);

		while (in.hasNextLine()) {
			String line;

			try {
				line = one(in.nextLine().split("\t"));
			} catch (Exception e) {
				line = e.toString();
			}
			System.out.println(line.replace('\n', ' '));
		}
	}
}
