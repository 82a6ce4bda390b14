using System.Text;
using Countersign.Audit;

// What no code foresaw ends the process with the platform's report; 1 says that it is a bug, and no verdict.
AppDomain.CurrentDomain.UnhandledException += static (_, failure) =>
{
    Console.Error.Write($"countersign-audit: error: this is a bug: {failure.ExceptionObject}\n");
    Environment.Exit(1);
};
using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
return AuditCommand.Run(args, output, Console.Error, Console.IsErrorRedirected ? null : Console.Error);
