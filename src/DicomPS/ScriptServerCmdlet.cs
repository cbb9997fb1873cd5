using System.Management.Automation;
using DicomPS.Nodes;
using DicomPS.Scripts;

namespace DicomPS;

/// <summary>The base of the cmdlets that work on running SCPs with script blocks: which ones are meant.</summary>
public abstract class ScriptServerCmdlet : DicomCmdlet
{
    /// <summary>The parameter set in which -InputObject names the servers.</summary>
    private protected const string ByObject = "InputObject";

    /// <summary>The parameter set in which -Id names the servers.</summary>
    private protected const string ById = "Id";

    /// <summary>Servers as Start-DicomScp returned them.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByObject, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public ScriptServer[] InputObject { get; set; } = [];

    /// <summary>Ids of servers that run in this process.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ById)]
    [ArgumentCompleter(typeof(ScriptServerIdCompleter))]
    public int[] Id { get; set; } = [];

    /// <summary>The servers of the current record; an id that is not there is an error of its own.</summary>
    private protected IReadOnlyList<ScriptServer> Selected() => ParameterSetName switch
    {
        ByObject => InputObject,
        ById => WithIds(this, Id),
        _ => ScriptServer.Running,
    };

    /// <summary>The running servers with these ids.</summary>
    internal static IReadOnlyList<ScriptServer> WithIds(Cmdlet cmdlet, int[] ids)
    {
        IReadOnlyList<ScriptServer> running = ScriptServer.Running;
        foreach (int id in ids.Where(id => running.All(server => server.Id != id)))
        {
            cmdlet.WriteError(Errors.From(new ModuleException(Errors.ServerNotFound, ErrorCategory.ObjectNotFound,
                $"No SCP with the id {id} runs in this process.", "Get-DicomScp lists those that do.", id), id));
        }

        return running.Where(server => ids.Contains(server.Id)).ToArray();
    }
}
