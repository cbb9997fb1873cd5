using SharpFuzz;

namespace DicomPS.Fuzz;

/// <content>The process that AFL++ feeds. Only `build.ps1 Fuzz` compiles it.</content>
internal static partial class Program
{
    static partial void RunUnderAfl(FuzzTarget target) => Fuzzer.OutOfProcess.Run(stream =>
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        target.Run(bytes.ToArray());
    });
}
