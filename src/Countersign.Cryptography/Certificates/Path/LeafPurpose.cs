namespace Countersign.Cryptography;

/// <summary>What a leaf is judged for: its one extended key usage (CE-07).</summary>
internal enum LeafPurpose
{
    Server,
    Device,
    TimeStampAuthority,
}

internal static class LeafPurposes
{
    public static string Oid(this LeafPurpose purpose) => purpose switch
    {
        LeafPurpose.Server => Oids.ServerAuth,
        LeafPurpose.Device => Oids.ClientAuth,
        LeafPurpose.TimeStampAuthority => Oids.TimeStamping,
        _ => throw new ArgumentOutOfRangeException(nameof(purpose)),
    };
}
