using System.Runtime.InteropServices;

namespace Countersign.Cli;

/// <summary>How many columns and rows the terminal has now.</summary>
internal static class TerminalSize
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private const nuint LinuxRequest = 0x5413;
    private const nuint DarwinRequest = 0x40087468;

    /// <summary>The terminal's own answer, else 80 by 24.</summary>
    public static (int Width, int Height) Now() => Of(StandardOutput);

    /// <summary>The same of the terminal that standard error leads to.</summary>
    public static (int Width, int Height) OfError() => Of(StandardError);

    private static (int Width, int Height) Of(int descriptor)
    {
        var request = OperatingSystem.IsMacOS() ? DarwinRequest : LinuxRequest;
        var answered = OperatingSystem.IsMacOS()
            ? ioctl(descriptor, request, 0, 0, 0, 0, 0, 0, out var size)
            : ioctl(descriptor, request, out size);
        return answered == 0 && size.Columns > 0 && size.Rows > 0 ? (size.Columns, size.Rows) : (80, 24);
    }

    [DllImport("libc")]
    private static extern int ioctl(int descriptor, nuint request, out WindowSize size);

    // On Darwin's arm64 what is variadic goes on the stack: behind eight arguments everything does.
    [DllImport("libc")]
    private static extern int ioctl(int descriptor, nuint request, nint a, nint b, nint c, nint d, nint e, nint f, out WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelsWide;
        public ushort PixelsHigh;
    }
}
