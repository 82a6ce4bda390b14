using System.Security.Cryptography;

namespace Countersign.Cli;

/// <summary>A passphrase in memory, zeroed when disposed.</summary>
/// <remarks>What came from an environment variable or through the terminal's line discipline has copies in the platform that
/// cannot be reached (docs/THREATS.md).</remarks>
internal sealed class Passphrase : IDisposable
{
    private readonly char[] _characters;

    public Passphrase(ReadOnlySpan<char> characters)
    {
        _characters = GC.AllocateArray<char>(characters.Length, pinned: true);
        characters.CopyTo(_characters);
    }

    public ReadOnlySpan<char> Characters => _characters;

    /// <summary>The same characters, for work that goes on after the call.</summary>
    public ReadOnlyMemory<char> Memory => _characters;

    public void Dispose() => CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_characters.AsSpan()));

    /// <summary>Says nothing about the contents.</summary>
    public override string ToString() => "Passphrase";
}
