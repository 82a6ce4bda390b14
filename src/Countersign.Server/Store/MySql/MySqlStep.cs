namespace Countersign.Server;

/// <summary>A step of a migration: usually one statement. Run a second time it changes nothing more.</summary>
internal sealed class MySqlStep(Func<MySqlSession, Task> run)
{
    public Task RunAsync(MySqlSession session) => run(session);

    public static implicit operator MySqlStep(string statement) => new(session => session.RunAsync(statement));
}
