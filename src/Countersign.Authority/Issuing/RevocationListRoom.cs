namespace Countersign.Authority;

/// <summary>How many certificates a CA's revocation list has room for (LI-06). A list travels in one message, with the chain and the
/// list of the CA above: what would not fit would leave every client without a list, and so without a server.</summary>
/// <param name="Entries">A list of more is never made: the CA revokes no more.</param>
/// <param name="Reserve">Room that only revocation may use: with less than this left, the CA certifies no more devices.</param>
public sealed record RevocationListRoom(int Entries, int Reserve)
{
    /// <summary>2400 entries of at most 81 bytes: three quarters of a record. 400 of them are kept for revoking.</summary>
    public static RevocationListRoom Default { get; } = new(2400, 400);
}
