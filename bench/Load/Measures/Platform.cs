using System.Diagnostics;
using System.Security.Cryptography;

namespace Countersign.Load;

/// <summary>What this machine's own primitives cost now, in CPU time of this process while nothing else runs in it.</summary>
internal static class Platform
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(250);

    /// <summary>RSA-PSS-SHA256 verifications per second of CPU with a ready key.</summary>
    public static double VerificationRate(RSA key)
    {
        var hash = SHA256.HashData("load"u8);
        var signature = key.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        return 1 / PerOperation(64, () => Require(key.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
    }

    /// <summary>Seconds of CPU for one AES-128-GCM sealing of a record of this size with a ready key.</summary>
    public static double SealSeconds(int size)
    {
        using var cipher = new AesGcm(RandomNumberGenerator.GetBytes(16), 16);
        byte[] nonce = new byte[12], content = new byte[size], output = new byte[size], tag = new byte[16];
        return PerOperation(256, () => cipher.Encrypt(nonce, content, output, tag, "aad!"u8));
    }

    private static void Require(bool verified)
    {
        if (!verified)
            throw new InvalidOperationException("RSA does not verify its own signature.");
    }

    private static double PerOperation(int batch, Action operation)
    {
        operation();
        var count = 0;
        var before = Environment.CpuUsage.TotalTime;
        TimeSpan used;
        do
        {
            for (var i = 0; i < batch; i++)
                operation();
            count += batch;
            used = Environment.CpuUsage.TotalTime - before;
        }
        while (used < Least);
        return used.TotalSeconds / count;
    }
}
