using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Countersign.Authority;

/// <summary>Whose a file is: when root writes a file anew, its owner shall still be able to read it.</summary>
internal static class FileOwner
{
    // Of struct statx, which is the same on every machine.
    private const int StatSize = 256;
    private const int UserAt = 20;
    private const int GroupAt = 24;

    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    /// <summary>Gives the open file the owner and the mode of the one at <paramref name="path"/>, if there is one. Only root can give a file
    /// away: for anybody else it is the same owner anyway, or cannot be.</summary>
    public static void Copy(string path, SafeFileHandle to)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
            return;
        File.SetUnixFileMode(to, File.GetUnixFileMode(path));
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return;
        var stat = new byte[StatSize];
        if (statx(CurrentDirectory, Encoding.UTF8.GetBytes(path + '\0'), NoFollow, BasicStats, stat) != 0
            || fchown(to, Id(stat, UserAt), Id(stat, GroupAt)) != 0)
            throw new IOException($"The owner of {path} cannot be kept.");
    }

    private static uint Id(byte[] stat, int at) => BitConverter.IsLittleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(stat.AsSpan(at))
        : BinaryPrimitives.ReadUInt32BigEndian(stat.AsSpan(at));

    [DllImport("libc")]
    private static extern int statx(int directory, byte[] path, int flags, uint mask, byte[] result);

    [DllImport("libc")]
    private static extern int fchown(SafeFileHandle file, uint user, uint group);
}
