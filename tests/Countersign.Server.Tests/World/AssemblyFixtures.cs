using Countersign.Server.Tests;

[assembly: AssemblyFixture(typeof(SharedServer))]
