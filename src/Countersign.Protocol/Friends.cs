using System.Runtime.CompilerServices;

// Tests see single messages, transcripts and the ends of secrets.
[assembly: InternalsVisibleTo("Countersign.Protocol.Tests")]
[assembly: InternalsVisibleTo("Countersign.Fuzz")]
[assembly: InternalsVisibleTo("Countersign.Fuzz.Tests")]
