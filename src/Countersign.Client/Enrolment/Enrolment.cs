using Countersign.Protocol;

namespace Countersign.Client;

/// <summary>Makes this machine a device of the invited user: SPEC 10.</summary>
public static class Enrolment
{
    /// <summary>Makes the key here, has it certified, creates the account or logs in to it, and leaves prekeys at the server.
    /// Joining again with the same invitation, or after an interruption, continues with the same key.</summary>
    /// <param name="invitation">Stays the caller's.</param>
    /// <param name="directory">Where the profile is, or will be created.</param>
    /// <param name="passphrase">Opens the vault; also the account's password. The caller erases its copy.</param>
    /// <param name="settings">Clock and costs.</param>
    /// <param name="progress">Told of each phase when it is over.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="accountPassphrase">The account's passphrase, where an earlier attempt ended with
    /// <see cref="EnrolmentFault.AccountPassphrase"/>: it becomes the vault's, too.</param>
    /// <returns>The open profile; the caller disposes it, or hands it to <see cref="ChatClient.Start"/>.</returns>
    /// <exception cref="EnrolmentException">With the fault; the same call can be made again.</exception>
    /// <exception cref="ProfileException">The directory cannot be used.</exception>
    public static Task<DeviceProfile> JoinAsync(
        Invitation invitation, string directory, ReadOnlyMemory<char> passphrase, ClientSettings settings,
        IProgress<LinkPhase>? progress = null, CancellationToken cancellation = default, ReadOnlyMemory<char>? accountPassphrase = null) =>
        throw new NotImplementedException();
}
