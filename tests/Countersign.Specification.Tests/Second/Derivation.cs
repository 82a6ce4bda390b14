using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Specification.Tests.Second;

/// <summary>SPEC 2, written a second time from its text with the platform's primitives alone.</summary>
internal static class Derivation
{
    public static byte[] Label(string name) => Encoding.ASCII.GetBytes("countersign/1 " + name);

    public static byte[] Concat(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    public static byte[] LabelledHash(string label, byte[] data) => SHA256.HashData(Concat(Label(label), [0], data));

    public static byte[] Derive(byte[] secret, string label, byte[] context, int length)
    {
        var text = Label(label);
        byte[] info = Concat([(byte)(length >> 8), (byte)length, (byte)text.Length], text, [(byte)context.Length], context);
        return HKDF.Expand(HashAlgorithmName.SHA256, secret, length, info);
    }

    public static byte[] Extract(byte[] salt, byte[] material) => HKDF.Extract(HashAlgorithmName.SHA256, material, salt);

    public static byte[] Length32(byte[] message)
    {
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, (uint)message.Length);
        return prefix;
    }

    public static byte[] Framed(byte[] message) => Concat(Length32(message), message);

    /// <summary>One direction's record key with its counter (SPEC 4.3).</summary>
    internal sealed class Direction(byte[] secret, string label, byte[] context)
    {
        private readonly byte[] _key = Derive(secret, label, Concat(context, "key"u8.ToArray()), 16);
        private readonly byte[] _iv = Derive(secret, label, Concat(context, "iv"u8.ToArray()), 12);
        private ulong _n;

        public byte[] Seal(byte[] content)
        {
            var aad = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(aad, (uint)content.Length + 16);
            var body = new byte[content.Length + 16];
            using var aes = new AesGcm(_key, 16);
            aes.Encrypt(Nonce(), content, body.AsSpan(0, content.Length), body.AsSpan(content.Length), aad);
            return body;
        }

        public byte[] Open(byte[] body)
        {
            var content = new byte[body.Length - 16];
            using var aes = new AesGcm(_key, 16);
            aes.Decrypt(Nonce(), body.AsSpan(0, content.Length), body.AsSpan(content.Length), content, Length32(body));
            return content;
        }

        private byte[] Nonce()
        {
            var nonce = (byte[])_iv.Clone();
            Span<byte> counter = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(counter, _n++);
            for (var i = 0; i < 8; i++)
                nonce[4 + i] ^= counter[i];
            return nonce;
        }
    }
}
