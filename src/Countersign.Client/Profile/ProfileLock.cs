using System.Globalization;

namespace Countersign.Client;

/// <summary>One process at a time uses a profile: two would sign two entries with one sequence number (EN-17).</summary>
/// <remarks>The lock is the operating system's and ends with the process, so a crash leaves nothing to clean up;
/// the process id beside it is for people.</remarks>
internal sealed class ProfileLock : IDisposable
{
    private readonly FileStream _file;

    private ProfileLock(FileStream file) => _file = file;

    /// <exception cref="ProfileLockedException">Another holder has it.</exception>
    public static ProfileLock Acquire(ProfileDirectory directory)
    {
        FileStream file;
        try
        {
            file = ProfileDirectory.OpenPrivate(directory.Lock, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException) when (File.Exists(directory.Lock))
        {
            throw new ProfileLockedException(Holder(directory));
        }
        using var holder = ProfileDirectory.OpenPrivate(directory.LockHolder, FileMode.Create, FileShare.ReadWrite);
        holder.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        return new ProfileLock(file);
    }

    public void Dispose() => _file.Dispose();

    private static int? Holder(ProfileDirectory directory)
    {
        try
        {
            return int.TryParse(File.ReadAllText(directory.LockHolder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
