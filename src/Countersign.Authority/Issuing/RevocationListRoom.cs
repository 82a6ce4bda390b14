namespace Countersign.Authority;

/// <summary>How many certificates a CA's revocation list has room for (LI-06). A list travels in one message, with the chain and the
/// list of the CA above: what would not fit would leave every client without a list, and so without a server.</summary>
/// <param name="Entries">A list of more is never made: the CA revokes no more.</param>
/// <param name="Reserve">Room that only revocation may use: with less than this left, the CA certifies no more devices.</param>
public sealed record RevocationListRoom(int Entries, int Reserve)
{
    /// <summary>2400 entries of at most 81 bytes: three quarters of a record. 400 of them are kept for revoking.</summary>
    public static RevocationListRoom Default { get; } = new(2400, 400);

    /// <summary>From so many entries on it is time for another issuing CA: as many can still be revoked before this one certifies no more
    /// as are kept for revoking after that.</summary>
    public int NearlyFull => Entries - (2 * Reserve);

    /// <summary>From so many entries on the CA certifies no more devices.</summary>
    public int FullForDevices => Entries - Reserve;
}
