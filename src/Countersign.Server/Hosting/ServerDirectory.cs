namespace Countersign.Server;

/// <summary>The files of one server: its keys, certificates, revocation lists and database.</summary>
public sealed class ServerDirectory : IDisposable
{
    private ServerDirectory() { }

    public void Dispose() => throw new NotImplementedException();
}
