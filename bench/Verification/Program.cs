using System.Globalization;
using Countersign.Bench;

// make FILE ENTRIES [BITS]     writes an honest bundle of that many entries, and FILE.pem, its root; BITS of the keys, 3072 if not given
// memory FILE                  verifies it and says what that took: for one process, one bundle
// speed [ENTRIES] [ROUNDS]     entries a second and core, beside the machine's own RSA-PSS verifications, in interleaved rounds
return args switch
{
    ["make", var file, var entries] => LargeBundle.Make(file, Number(entries), 3072),
    ["make", var file, var entries, var bits] => LargeBundle.Make(file, Number(entries), Number(bits)),
    ["memory", var file] => MemoryRun.Measure(file),
    ["speed"] => SpeedRun.Measure(4000, 10),
    ["speed", var entries] => SpeedRun.Measure(Number(entries), 10),
    ["speed", var entries, var rounds] => SpeedRun.Measure(Number(entries), Number(rounds)),
    _ => Usage(),
};

static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

static int Usage()
{
    Console.Error.WriteLine("usage: make FILE ENTRIES [BITS] | memory FILE | speed [ENTRIES] [ROUNDS]");
    return 2;
}
