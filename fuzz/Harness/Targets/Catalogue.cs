using Countersign.Cryptography;
using Countersign.Protocol;

namespace Countersign.Fuzz;

/// <summary>All targets.</summary>
public static class Catalogue
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
        [.. CryptographyTargets.All, .. EvidenceTargets.All, .. HandshakeTargets.All, .. LinkTargets.All, .. MachineTargets.All, .. FileTargets.All];

    public static FuzzTarget Find(string name) =>
        All.FirstOrDefault(target => target.Name == name) ?? throw new ArgumentException($"There is no target {name}.");

    /// <summary>A reader that documents one kind of exception.</summary>
    internal static FuzzTarget Refusing<TException>(string name, Func<byte[], byte[]?> read)
        where TException : Exception =>
        new(name, read, static e => e is TException);

    /// <summary>A reader whose refusals a link turns into wire codes.</summary>
    internal static FuzzTarget Wire(string name, Func<byte[], byte[]?> read) =>
        new(name, read, static e => PeerFaults.From(e) is not null);
}
