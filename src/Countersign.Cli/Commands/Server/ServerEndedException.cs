namespace Countersign.Cli;

/// <summary>A fault has ended the server that runs in this process. Whatever the fault was, a full disk or a store that does not answer
/// included, a server lives through it unless there is a bug: so it ends with that exit code, and a supervisor starts it again.</summary>
internal sealed class ServerEndedException(Exception fault) : Exception($"the server was ended by {fault.GetType().Name}: {fault.Message}", fault);
