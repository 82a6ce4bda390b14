using Microsoft.Win32.SafeHandles;

namespace Countersign.Cli;

/// <summary>Standard input as it is. The platform's console class would read a terminal key by key and send it escape sequences.</summary>
internal static class StandardInput
{
    public static StreamReader Reader() =>
        new(new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 1));
}
