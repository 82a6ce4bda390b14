using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Countersign.Cli;

/// <summary>The terminal without its line discipline: keys arrive as bytes, at once and unechoed. Disposing gives it back as
/// it was; so does the end of the process by a signal.</summary>
/// <remarks>The platform's console class reads keys, but hides bracketed paste and owns the screen position; so this reads the
/// descriptor itself. <c>struct termios</c> differs between systems: it is kept as the bytes that the C library wrote.</remarks>
internal sealed class RawTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const int AtOnce = 0;
    private const int RoomForTermios = 256;

    private readonly byte[] _before = new byte[RoomForTermios];
    private readonly FileStream _input = new(new SafeFileHandle(StandardInput, ownsHandle: false), FileAccess.Read, bufferSize: 1);
    private readonly byte[] _buffer = new byte[4096];
    private readonly PosixSignalRegistration _resumed;
    private bool _open = true;

    private RawTerminal()
    {
        if (tcgetattr(StandardInput, _before) != 0)
            throw new InvalidOperationException("standard input is no terminal");
        Enter();
        // After Ctrl-Z and fg the shell has put its own settings back.
        _resumed = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Enter());
        AppDomain.CurrentDomain.ProcessExit += GiveBack;
    }

    public static RawTerminal Open() => new();

    /// <summary>Waits for bytes. Empty at the end of input.</summary>
    public ReadOnlyMemory<byte> Read() => _buffer.AsMemory(0, _input.Read(_buffer, 0, _buffer.Length));

    public void Dispose()
    {
        _resumed.Dispose();
        AppDomain.CurrentDomain.ProcessExit -= GiveBack;
        GiveBack(null, EventArgs.Empty);
        _input.Dispose();
    }

    private void Enter()
    {
        var raw = (byte[])_before.Clone();
        cfmakeraw(raw);
        if (_open)
            _ = tcsetattr(StandardInput, AtOnce, raw);
    }

    private void GiveBack(object? sender, EventArgs e)
    {
        if (!_open)
            return;
        _open = false;
        _ = tcsetattr(StandardInput, AtOnce, _before);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int tcgetattr(int descriptor, byte[] termios);

    [DllImport("libc", SetLastError = true)]
    private static extern int tcsetattr(int descriptor, int actions, byte[] termios);

    [DllImport("libc")]
    private static extern void cfmakeraw(byte[] termios);
}
