using System.Runtime.CompilerServices;

// Tests put a file that fails below a journal.
[assembly: InternalsVisibleTo("Countersign.Cryptography.Tests")]
