namespace Countersign.Authority;

/// <summary>Why the authority does not do what it was asked: the closed list.</summary>
public enum AuthorityFault
{
    /// <summary>The directory holds no authority.</summary>
    NotInitialised,
    /// <summary>The directory already holds one; it is never overwritten.</summary>
    AlreadyInitialised,
    /// <summary>Another process has it open.</summary>
    Locked,
    /// <summary>The passphrase does not open the private key.</summary>
    WrongPassphrase,
    /// <summary>A file is not what this program wrote.</summary>
    Damaged,
    /// <summary>The installed certificate is for another key than the one here.</summary>
    OtherKey,
    /// <summary>Its issuing CA certificate has not been installed yet.</summary>
    NotInstalled,
    /// <summary>Another certificate is installed, and this one does not renew it.</summary>
    NotItsRenewal,
    /// <summary>No certificate of this serial number was issued here.</summary>
    NotFound,
    /// <summary>The certificate is revoked already, or was revoked and cannot be renewed.</summary>
    Revoked,
    /// <summary>Only the root certifies issuing CAs.</summary>
    NotTheRoot,
    /// <summary>The authority's own certificate is not valid now.</summary>
    Expired,
    /// <summary>The revocation list is full: see <see cref="RevocationListRoom"/>.</summary>
    ListTooLarge,
    /// <summary>A server has as many issuing CAs as it can have.</summary>
    NoMoreAuthorities,
}

/// <summary>The authority does not do what it was asked. The message names the fault, and the file where one is concerned.</summary>
public sealed class AuthorityException : Exception
{
    public AuthorityException(AuthorityFault fault, string? path = null, Exception? inner = null)
        : base(path is null ? fault.ToString() : $"{fault}: {path}", inner)
    {
        Fault = fault;
        Path = path;
    }

    public AuthorityFault Fault { get; }

    /// <summary>The file or directory concerned, if there is one.</summary>
    public string? Path { get; }
}
