using System.Runtime.CompilerServices;

// Tests forge what no public way makes: heads beside their batch, paddings, containers.
[assembly: InternalsVisibleTo("Countersign.Evidence.Tests")]
[assembly: InternalsVisibleTo("Countersign.Protocol.Tests")]
