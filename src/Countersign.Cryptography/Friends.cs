using System.Runtime.CompilerServices;

// Tests reach the seams that published vectors need: chosen nonces, seeds and ephemeral keys.
[assembly: InternalsVisibleTo("Countersign.Cryptography.Tests")]
[assembly: InternalsVisibleTo("Countersign.Bench.Primitives")]
