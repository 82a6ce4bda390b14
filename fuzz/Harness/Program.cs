using Countersign.Fuzz;
using SharpFuzz;

// Countersign.Fuzz list                the targets
// Countersign.Fuzz try TARGET FILE…    holds the target to its promises on these inputs
// Countersign.Fuzz seed VECTORS CORPUS writes the corpora anew from the vectors
// Countersign.Fuzz afl TARGET          reads inputs from AFL++ (fuzz/run starts it)
switch (args)
{
    case ["list"]:
        foreach (var target in Catalogue.All)
            Console.WriteLine(target.Name);
        return 0;
    case ["try", var name, .. var files]:
        foreach (var file in files)
            Console.WriteLine($"{(Catalogue.Find(name).Try(File.ReadAllBytes(file)) ? "accepted" : "refused ")} {file}");
        return 0;
    case ["seed", var vectors, var corpus]:
        SeedWriter.Write(vectors, corpus);
        return 0;
    case ["afl", var name]:
        var fuzzed = Catalogue.Find(name);
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var input = new MemoryStream();
            stream.CopyTo(input);
            fuzzed.Try(input.ToArray());
        });
        return 0;
    default:
        Console.Error.WriteLine("usage: Countersign.Fuzz list | try TARGET FILE… | seed VECTORS CORPUS | afl TARGET");
        return 2;
}
