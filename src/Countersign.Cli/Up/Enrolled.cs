using Countersign.Client;
using Countersign.Protocol;

namespace Countersign.Cli;

/// <summary>An enrolled device: the one in the directory, or a new one.</summary>
internal static class Enrolled
{
    public static async Task<DeviceProfile> OrJoinAsync(
        string directory, Passphrase passphrase, Func<Task<Invitation>> invite, TimeProvider clock, IProgress<LinkPhase>? progress, CancellationToken cancellation)
    {
        try
        {
            return DeviceProfile.Open(directory, passphrase.Characters);
        }
        catch (NotEnrolledException)
        {
            using var invitation = await invite();
            return await Enrolment.JoinAsync(invitation, directory, passphrase.Memory, new ClientSettings { Time = clock }, progress, cancellation);
        }
    }

    public static bool Is(string directory)
    {
        try
        {
            DeviceProfile.Peek(directory);
            return true;
        }
        catch (NotEnrolledException)
        {
            return false;
        }
    }
}
