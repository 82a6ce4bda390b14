using System.Runtime.CompilerServices;

// Tests use smaller keys, look into stores and drive single parts.
[assembly: InternalsVisibleTo("Countersign.Client.Tests")]
[assembly: InternalsVisibleTo("Countersign.Attacks.Tests")]
[assembly: InternalsVisibleTo("Countersign.Faults.Tests")]
[assembly: InternalsVisibleTo("Countersign.Fuzz")]
