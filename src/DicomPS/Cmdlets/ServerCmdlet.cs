using System.Management.Automation;
using DicomPS.Servers;
using DicomPS.Serving;

namespace DicomPS.Cmdlets;

/// <summary>The base of the cmdlets that work on running servers of one kind: which ones are meant.</summary>
/// <typeparam name="T">The kind.</typeparam>
public abstract class ServerCmdlet<T> : DicomCmdlet
    where T : RunningServer
{
    /// <summary>The parameter set in which -InputObject names the servers.</summary>
    private protected const string ByObject = "InputObject";

    /// <summary>The parameter set in which -Id names the servers.</summary>
    private protected const string ById = "Id";

    /// <summary>Servers as the Start- cmdlet returned them.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByObject, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServerIdCompleter))]
    public T[] InputObject { get; set; } = [];

    /// <summary>Ids of servers that run in this process.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ById, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ServerIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The servers of the current record; an id that is not there is an error of its own.</summary>
    private protected IReadOnlyList<T> Selected() => ParameterSetName switch
    {
        ByObject => InputObject,
        ById => ServerKind.WithIds<T>(this, Id),
        _ => [.. RunningServer.All.OfType<T>()],
    };
}

/// <summary>The base of the cmdlets that get the running servers of one kind, whichever runspace started them.</summary>
/// <typeparam name="T">The kind.</typeparam>
public abstract class GetServerCmdlet<T> : ServiceCmdlet
    where T : RunningServer
{
    /// <summary>The ids; all servers without it.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ServerIdCompleter))]
    [ValidateNotNullOrEmpty]
    public int[]? Id { get; set; }

    /// <summary>
    /// Gives the registered services instead that run servers of this kind, whichever process they are: as Get-DicomService does.
    /// </summary>
    [Parameter]
    public SwitchParameter Registered { get; set; }

    private protected override void Process()
    {
        if (Registered)
        {
            foreach (var service in Named(null, null).Select(Ask).Where(service => service.Has(ServerKind.Of<T>().Noun)))
                WriteObject(service);
            return;
        }

        WriteObject(Id is null ? RunningServer.All.OfType<T>().ToArray() : ServerKind.WithIds<T>(this, Id), enumerateCollection: true);
    }
}
