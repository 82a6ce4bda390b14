namespace Countersign.Cli;

/// <summary>What the process ends with. The numbers are stable: scripts depend on them (docs/CLI.md).</summary>
internal enum ExitCode
{
    /// <summary>Done; for a verification, PASSED.</summary>
    Done = 0,

    /// <summary>Our bug.</summary>
    Bug = 1,

    /// <summary>The command line, or input that should have come with it, is wrong.</summary>
    Usage = 2,

    /// <summary>A verification FAILED.</summary>
    Failed = 3,

    /// <summary>A verification can say neither.</summary>
    Indeterminate = 4,

    /// <summary>No such person, conversation, certificate or file; or one that cannot be read or written, on a full disk, too.</summary>
    NotFound = 10,

    /// <summary>Another process holds the data, or the port to listen on.</summary>
    Locked = 11,

    WrongPassphrase = 12,

    /// <summary>Expired, used, revoked or unknown: the message says which.</summary>
    InvitationRefused = 13,

    /// <summary>This device has no certificate yet.</summary>
    NotEnrolled = 14,

    /// <summary>A certificate is expired, revoked or otherwise refused.</summary>
    CertificateRefused = 15,

    /// <summary>The server is not the one this device trusts. There is no override.</summary>
    ServerIdentity = 16,

    /// <summary>The network failed; trying again is safe.</summary>
    Network = 20,

    /// <summary>Refused by the server's policy or rate.</summary>
    Refused = 21,

    /// <summary>Not confirmed in time; it stays queued under the printed id.</summary>
    NotConfirmed = 22,

    /// <summary>The server's database does not answer, or cannot be used as it is: the message says why.</summary>
    Database = 23,

    Interrupted = 130,
    Terminated = 143,
}
