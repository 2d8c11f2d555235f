import javax.security.auth.x500.X500Principal;
import java.io.*;
import java.nio.charset.*;
import java.util.*;

/** Prints `der-hex<TAB>utf-8-hex of X500Principal.getName()` for many distinguished names. */
public class Names {
    static byte[] tlv(int tag, byte[]... parts) {
        ByteArrayOutputStream o = new ByteArrayOutputStream();
        for (byte[] p : parts) o.writeBytes(p);
        byte[] b = o.toByteArray();
        ByteArrayOutputStream r = new ByteArrayOutputStream();
        r.write(tag);
        if (b.length < 128) r.write(b.length);
        else if (b.length < 256) { r.write(0x81); r.write(b.length); }
        else { r.write(0x82); r.write(b.length >> 8); r.write(b.length & 255); }
        r.writeBytes(b);
        return r.toByteArray();
    }
    static byte[] oid(String s) {
        String[] p = s.split("\\.");
        ByteArrayOutputStream o = new ByteArrayOutputStream();
        o.write(Integer.parseInt(p[0]) * 40 + Integer.parseInt(p[1]));
        for (int i = 2; i < p.length; i++) {
            long v = Long.parseLong(p[i]);
            int n = 1; for (long w = v >> 7; w > 0; w >>= 7) n++;
            for (int k = n - 1; k >= 0; k--) o.write((int) ((v >> (7 * k)) & 127) | (k > 0 ? 128 : 0));
        }
        return tlv(6, o.toByteArray());
    }
    static byte[] ava(String oid, int tag, byte[] value) { return tlv(0x30, oid(oid), tlv(tag, value)); }
    static byte[] u(String s) { return s.getBytes(StandardCharsets.UTF_8); }
    static String hex(byte[] b) { return HexFormat.of().formatHex(b); }
    static void name(byte[]... rdns) {
        byte[] der = tlv(0x30, rdns);
        String line;
        try { line = hex(u(new X500Principal(der).getName())); }
        catch (IllegalArgumentException e) { line = "refused"; }
        System.out.println(hex(der) + "\t" + line);
    }
    static byte[] rdn(byte[]... avas) { return tlv(0x31, avas); }

    public static void main(String[] a) {
        String CN = "2.5.4.3", O = "2.5.4.10", OU = "2.5.4.11", C = "2.5.4.6", L = "2.5.4.7", ST = "2.5.4.8";
        String[] oids = {CN, C, L, ST, O, OU, "2.5.4.9", "0.9.2342.19200300.100.1.25", "0.9.2342.19200300.100.1.1",
            "2.5.4.4", "2.5.4.5", "2.5.4.12", "2.5.4.42", "2.5.4.46", "2.5.4.44", "2.5.4.43", "1.2.840.113549.1.9.1", "1.3.6.1.4.1.311.60.2.1.3",
            "2.5.4.97", "2.5.4.17", "1.2.840.113549.1.9.2", "1.3.6.1.4.1.42.2.11.2.1", "2.999.4294967299"};
        int[] tags = {12, 19, 20, 22, 27, 28, 30, 26, 18, 4, 2, 3};
        name();
        for (String o : oids) for (int t : new int[]{12, 19, 22}) name(rdn(ava(o, t, u("Value 1"))));
        for (int t : tags) name(rdn(ava(CN, t, u("ab1"))));
        for (int t : tags) name(rdn(ava(CN, t, new byte[]{0, 'a', 0, 'b'})));
        String[] values = {"", " ", "  ", " lead", "trail ", "  both  ", "in side", "#hash", "a#b", "a,b", "a+b", "a\"b", "a\\b",
            "a<b>c", "a;b", "a=b", "=", "a/b", "é", "日本", "😀", "a\nb", "\ra", "a\r", "\r", "a\tb", "\u0000", "a\u0000b", "\u007f", "\u0001",
            "\u00a0x", "x\u00a0", "e\u0301", "\u200b", "*.example.com", "user@host", "'quote'", "(p)", ",", " ,", ", ", "# ", " #", "\\ ",
            "very long ".repeat(30), "a!b$c%d&e", "~_^`{|}", "?:.-'()+,/=", "\ufeffx", "\ufffd"};
        for (String v : values) for (int t : new int[]{12, 19, 20, 22}) name(rdn(ava(CN, t, u(v))));
        byte[][] bad = {{(byte) 0xff}, {(byte) 0xc3}, {'a', (byte) 0xe2, (byte) 0x82}, {(byte) 0xc0, (byte) 0x80}, {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, {(byte) 0xf5, 'x'}, {(byte) 0xe9, 't'}};
        for (byte[] b : bad) for (int t : new int[]{12, 19, 20, 22, 30}) name(rdn(ava(CN, t, b)));
        name(rdn(ava(C, 19, u("DE"))), rdn(ava(O, 12, u("Aviary, Inc."))), rdn(ava(OU, 12, u("ops"))), rdn(ava(CN, 12, u("client"))));
        name(rdn(ava(CN, 12, u("b")), ava(O, 12, u("a"))), rdn(ava(C, 19, u("US"))));
        name(rdn(ava(O, 12, u("a")), ava(CN, 12, u("b")), ava("1.2.3.4", 12, u("z"))));
        name(rdn(ava(CN, 12, u("first"))), rdn(ava(CN, 12, u("second"))));
        name(rdn());
        name(rdn(ava(CN, 12, u("x"))), rdn());
        name(rdn(tlv(0x30, oid(CN), tlv(0x30, tlv(12, u("inner"))))));
        name(rdn(tlv(0x30, oid(CN))));
        name(rdn(tlv(0x30, oid(CN), tlv(5))));
        name(rdn(tlv(0x30, oid(CN), tlv(12, u("a")), tlv(12, u("b")))));
        Random random = new Random(7);
        String alphabet = " ,+\"\\<>;=#aZ9\u0000\r\né日\u00a0";
        int[] points = alphabet.codePoints().toArray();
        for (int i = 0; i < 200; i++) {
            byte[][] rdns = new byte[1 + random.nextInt(3)][];
            for (int r = 0; r < rdns.length; r++) {
                byte[][] avas = new byte[random.nextInt(4) == 0 ? 2 : 1][];
                for (int k = 0; k < avas.length; k++) {
                    StringBuilder s = new StringBuilder();
                    for (int n = random.nextInt(8); n >= 0; n--) s.appendCodePoint(points[random.nextInt(points.length)]);
                    avas[k] = ava(oids[random.nextInt(oids.length)], tags[random.nextInt(5)], u(s.toString()));
                }
                rdns[r] = rdn(avas);
            }
            name(rdns);
        }
    }
}
