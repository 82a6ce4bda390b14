namespace Countersign.Cryptography;

/// <summary>Limits of one record key (RL-05) and the size a record adds.</summary>
public static class RecordLimits
{
    /// <summary>Bytes that sealing adds to the content: the authentication tag.</summary>
    public const int Overhead = RecordKey.TagSize;

    /// <summary>Records that one key protects at most: 2^24.</summary>
    public const uint MaxRecords = 1 << 24;

    /// <summary>Records after which a client starts a rekey: 2^20.</summary>
    public const uint RekeyAfter = 1 << 20;
}
