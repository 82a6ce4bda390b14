using System.Runtime.CompilerServices;

// Tests drive the ledger and the store without a socket.
[assembly: InternalsVisibleTo("Countersign.Server.Tests")]
