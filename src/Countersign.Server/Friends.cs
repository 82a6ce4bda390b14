using System.Runtime.CompilerServices;

// Tests drive the ledger and the store without a socket.
[assembly: InternalsVisibleTo("Countersign.Server.Tests")]
[assembly: InternalsVisibleTo("Countersign.Faults.Tests")]

// The load generator runs the same host on a store that keeps no log, to see what the log costs.
[assembly: InternalsVisibleTo("Countersign.Load")]
