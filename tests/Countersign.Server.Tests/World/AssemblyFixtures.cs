using Countersign.Server.Tests;
using Countersign.Testing;

[assembly: AssemblyFixture(typeof(SharedServer))]
[assembly: AssemblyFixture(typeof(TestDatabase))]
