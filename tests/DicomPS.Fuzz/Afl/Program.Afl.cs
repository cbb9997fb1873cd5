using SharpFuzz;

namespace DicomPS.Fuzz;

/// <content>The process that AFL++ feeds. Only `build.ps1 Fuzz` compiles it.</content>
internal static partial class Program
{
    static partial void RunUnderAfl(string name)
    {
        // Not before: instrumented code counts in memory that AFL++ gives, and crashes where there is none.
        FuzzTarget? target = null;
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            (target ??= Find(name)).Run(bytes.ToArray());
        });
    }
}
