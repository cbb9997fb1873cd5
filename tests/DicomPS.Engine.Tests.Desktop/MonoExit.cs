using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace System.Runtime.CompilerServices
{
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class ModuleInitializerAttribute : Attribute;
}

namespace DicomPS.Engine.Tests.Desktop
{
    /// <summary>
    /// Mono aborts its threads when a process ends. One that is sorting its timers just then throws, which nobody catches, and the process
    /// ends with 1 after all tests have passed. Here it ends with what the tests came to, before that.
    /// </summary>
    internal static class MonoExit
    {
        [ModuleInitializer]
        internal static void Prepare()
        {
            if (Type.GetType("Mono.Runtime") is not null)
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Leave();
        }

        private static void Leave()
        {
            Console.Out.Flush();
            Console.Error.Flush();
            Exit(Environment.ExitCode);
        }

        [DllImport("libc", EntryPoint = "_exit")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern void Exit(int code);
    }
}
