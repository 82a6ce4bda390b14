namespace Countersign.Client;

/// <summary>The device's own directory cannot be used. Each cause is a type of its own, so that a caller can say what to do next.</summary>
public abstract class ProfileException : Exception
{
    private protected ProfileException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>Nobody has enrolled in this directory.</summary>
public sealed class NotEnrolledException(string directory)
    : ProfileException($"There is no enrolled device in {directory}.")
{
    public string ProfileDirectory { get; } = directory;
}

/// <summary>The directory already belongs to another device: another user, server or root than the invitation names.</summary>
public sealed class AlreadyEnrolledException(string directory)
    : ProfileException($"{directory} already holds a device of another user or server.")
{
    public string ProfileDirectory { get; } = directory;
}

/// <summary>Another process has the profile open.</summary>
public sealed class ProfileLockedException(int? processId)
    : ProfileException(processId is { } pid ? $"The profile is in use by process {pid}." : "The profile is in use by another process.")
{
    /// <summary>Who holds it; null if that process had no time yet to write it down.</summary>
    public int? ProcessId { get; } = processId;
}

/// <summary>The passphrase does not open the vault.</summary>
public sealed class WrongPassphraseException() : ProfileException("The passphrase does not open this profile.");

/// <summary>Others than the owner may enter the directory or read its files: secrets could have been taken or replaced.</summary>
public sealed class UnsafePermissionsException(string path)
    : ProfileException($"Others than the owner have access to {path}.")
{
    public string Path { get; } = path;
}

/// <summary>What is stored is not what this device stored: a row that does not decrypt, a pin or a transcript that was edited.</summary>
public sealed class ProfileDamagedException(string what, Exception? inner = null)
    : ProfileException("The profile is damaged: " + what + ".", inner);
