using Microsoft.Win32.SafeHandles;

namespace Countersign.Cli;

/// <summary>Standard input as it is. The platform's console class would read a terminal key by key and send it escape sequences.</summary>
/// <remarks>The platform goes on reading a pipe or terminal that nothing comes through, whatever it is told. A reading that is cancelled
/// is left to that, and so is its reader: nobody disposes it.</remarks>
internal static class StandardInput
{
    public static StreamReader Reader() =>
        new(new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 1));

    /// <summary>The next line; null at the end. The task ends when it is cancelled, whatever the reader does.</summary>
    public static Task<string?> LineAsync(TextReader input, CancellationToken cancellation) =>
        input.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellation);

    /// <summary>Everything to the end. The task ends when it is cancelled, whatever the reader does.</summary>
    public static Task<string> AllAsync(TextReader input, CancellationToken cancellation) =>
        input.ReadToEndAsync(CancellationToken.None).WaitAsync(cancellation);
}
