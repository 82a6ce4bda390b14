using System.Runtime.CompilerServices;

// Tests forge what no public way makes: heads beside their batch.
[assembly: InternalsVisibleTo("Countersign.Evidence.Tests")]
