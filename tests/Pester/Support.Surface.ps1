# What a script of a user holds on to, as facts, one a line: commands, parameters, results, views, error ids. Dot-sourced by
# Surface.Tests.ps1 and after Support.ps1.

# Methods that nobody calls from a script: those of every record, and those that want a token, a span or an await.
$notForScripts = '^(Equals|GetHashCode|ToString|Deconstruct|<|MoveNext|Dispose)|Task|CancellationToken|IAsync|Span<|&'

# Ordinal, so that every culture has the same order.
function Sort-Ordinal([string] $By) {
    $items = [Collections.Generic.List[object]] @($input)
    $items.Sort([Comparison[object]] {
        param($one, $other)
        if ($By) { [string]::CompareOrdinal($one.$By, $other.$By) } else { [string]::CompareOrdinal($one, $other) }
    })
    $items
}

# A type as a reader wants it: Int32?, String[], DicomNode; where a type of ours lives is a fact of its own.
function Format-SurfaceType([type] $Type) {
    if ($inner = [Nullable]::GetUnderlyingType($Type)) { return "$(Format-SurfaceType $inner)?" }
    if ($Type.IsArray) { return "$(Format-SurfaceType $Type.GetElementType())[]" }
    if ($Type.IsGenericType) { return "$($Type.Name -replace '`.*')<$(Format-SurfaceTypes $Type.GetGenericArguments())>" }
    $Type.Name
}

function Format-SurfaceTypes([object[]] $Types) { @(foreach ($type in $Types) { Format-SurfaceType $type }) -join ', ' }

function Format-SurfaceValue($Value) {
    if ($Value -is [type]) { return Format-SurfaceType $Value }
    if ($Value -is [Array]) { return ($Value | ForEach-Object { Format-SurfaceValue $_ }) -join ', ' }
    if ($Value -is [enum] -or $Value -is [bool]) { return "$Value" }
    [Convert]::ToString($Value, [cultureinfo]::InvariantCulture)
}

# An attribute beside those that have facts of their own: what it is and everything that is set in it.
function Format-SurfaceAttribute([Attribute] $Attribute) {
    $set = foreach ($property in $Attribute.GetType().GetProperties() | Sort-Ordinal Name) {
        if ($property.Name -in 'TypeId', 'TransformNullOptionalParameters' -or $property.GetIndexParameters()) { continue }
        $value = $property.GetValue($Attribute)
        if ($null -ne $value -and "$value" -ne '') { "$($property.Name) $(Format-SurfaceValue $value)" }
    }
    "$($Attribute.GetType().Name -replace 'Attribute$')$(if ($set) { " ($($set -join '; '))" })"
}

function Get-SurfaceOfParameter([string] $Prefix, [Management.Automation.ParameterMetadata] $Parameter) {
    "$Prefix`: $(Format-SurfaceType $Parameter.ParameterType)"
    foreach ($alias in $Parameter.Aliases | Sort-Ordinal) { "$Prefix, alias $alias" }
    foreach ($set in $Parameter.ParameterSets.GetEnumerator() | Sort-Ordinal Key) {
        $facts = @(
            if ($set.Value.IsMandatory) { 'mandatory' }
            if ($set.Value.Position -ge 0) { "position $($set.Value.Position)" }
            if ($set.Value.ValueFromPipeline) { 'from the pipeline' }
            if ($set.Value.ValueFromPipelineByPropertyName) { 'from the pipeline by property name' }
            if ($set.Value.ValueFromRemainingArguments) { 'from what is left' }
        )
        "$Prefix, in set $($set.Key -replace '^__AllParameterSets$', '*'): $(if ($facts) { $facts -join ', ' } else { 'by name' })"
    }
    # Some parameters take a part of an enumeration: what they take is told, whichever way it is said.
    $part = $Parameter.Attributes | Where-Object { $Parameter.ParameterType.IsEnum -and $_ -is [ValidateSet] }
    $Parameter.Attributes | Where-Object { $_ -ne $part -and $_.GetType().Name -notmatch '^(Parameter|Alias|Nullable|CompilerGenerated)' } |
        ForEach-Object { "$Prefix, $(Format-SurfaceAttribute $_)" } | Sort-Ordinal
    $names = if ($part) { $part.ValidValues } elseif ($Parameter.ParameterType.IsEnum) { [enum]::GetNames($Parameter.ParameterType) }
    if ($names) { "$Prefix, one of $($names -join ', ')" }
}

function Get-SurfaceOfCommand([Management.Automation.CmdletInfo] $Command) {
    $about = $Command.ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false)[0]
    "$Command, default set $(if ($Command.DefaultParameterSet) { $Command.DefaultParameterSet } else { 'none' })"
    if ($about.SupportsShouldProcess) { "$Command, WhatIf and Confirm, impact $($about.ConfirmImpact)" }
    foreach ($set in $Command.ParameterSets | Sort-Ordinal Name) { "$Command, set $($set.Name -replace '^__AllParameterSets$', '*')" }
    $Command.OutputType.Type | ForEach-Object { "$Command, writes $(Format-SurfaceType $_)" } | Sort-Ordinal | Get-Unique
    $common = [Management.Automation.Cmdlet]::CommonParameters + [Management.Automation.Cmdlet]::OptionalCommonParameters
    foreach ($parameter in $Command.Parameters.Values | Sort-Ordinal Name) {
        if ($parameter.Name -notin $common) { Get-SurfaceOfParameter "$Command -$($parameter.Name)" $parameter }
    }
}

# What PowerShell has on an object of a type: its properties in the order of Export-Csv, what scripts call, what Types.ps1xml adds.
function Get-SurfaceOfType([type] $Type) {
    "$($Type.Name), is $($Type.FullName)"
    $object = [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Type)
    foreach ($property in $object.PSObject.Properties) {
        # By reflection, because an adapter gives names that have the versions of assemblies in them.
        $of = $Type.GetProperty($property.Name).PropertyType
        $set = if ($property.IsSettable) { ', can be set' }
        "$($Type.Name).$($property.Name): $(if ($of) { Format-SurfaceType $of } else { $property.TypeNameOfValue })$set"
    }
    $Type.GetMethods('Public, Instance, Static') | Where-Object { -not $_.IsSpecialName -and $_.DeclaringType.Namespace -like 'DicomPS*' } |
        ForEach-Object {
            $takes = @($_.GetParameters() | ForEach-Object ParameterType)
            "$($_.Name)($(Format-SurfaceTypes $takes)): $(Format-SurfaceType $_.ReturnType)"
        } |
        Where-Object { $_ -notmatch $notForScripts } | Sort-Ordinal | ForEach-Object { "$($Type.Name).$_" }
    for ($base = $Type; $base; $base = $base.BaseType) {
        $added = Get-TypeData -TypeName $base.FullName
        foreach ($member in $added.Members.Values | Sort-Ordinal Name) {
            $isAlias = $member -is [Management.Automation.Runspaces.AliasPropertyData]
            $what = if ($isAlias) { "alias of $($member.ReferencedMemberName)" } else { "script {$($member.GetScriptBlock)}" }
            "$($Type.Name).$($member.Name): $what"
        }
        foreach ($set in 'DefaultDisplayPropertySet', 'DefaultKeyPropertySet') {
            if ($added.$set) { "$($Type.Name), $set`: $($added.$set.ReferencedProperties -join ', ')" }
        }
        if ($added.TypeAdapter) { "$($Type.Name), adapted by $($added.TypeAdapter.Name)" }
    }
    foreach ($view in (Get-FormatData -TypeName $Type.FullName -PowerShellVersion $PSVersionTable.PSVersion).FormatViewDefinition) {
        if ($view.Control -is [Management.Automation.TableControl]) {
            $columns = for ($i = 0; $i -lt $view.Control.Headers.Count; $i++) {
                $label = $view.Control.Headers[$i].Label
                if ($label) { $label } else { $view.Control.Rows[0].Columns[$i].DisplayEntry.Value }
            }
            "$($Type.Name), table '$($view.Name)': $($columns -join ', ')"
        }
        elseif ($view.Control -is [Management.Automation.ListControl]) {
            $items = $view.Control.Entries[0].Items | ForEach-Object { if ($_.Label) { $_.Label } else { $_.DisplayEntry.Value } }
            "$($Type.Name), list '$($view.Name)': $($items -join ', ')"
        }
    }
}

# Every type that a cmdlet writes, that has views or members, and ours that their properties have.
function Get-SurfaceType([object[]] $Commands) {
    $assemblies = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -in 'DicomPS', 'DicomPS.Engine' }
    $named = foreach ($kind in 'Types', 'Format') {
        ([xml] (Get-Content -Raw "$root/out/DicomPS/DicomPS.$kind.ps1xml")).SelectNodes('//Types/Type/Name | //TypeName').InnerText
    }
    $todo = [Collections.Generic.Queue[type]]::new([type[]] @($Commands.OutputType.Type))
    foreach ($name in $named) { $assemblies | ForEach-Object { if ($type = $_.GetType($name)) { $todo.Enqueue($type) } } }
    $known = [Collections.Generic.HashSet[type]]::new()
    while ($todo.Count -gt 0) {
        $type = $todo.Dequeue()
        $isResult = $type.FullName -like 'DicomPS*' -and $type.Name -notlike '*Adapter' -and -not ($type.IsEnum -or $type.IsAbstract)
        if (-not $isResult -or -not $known.Add($type)) { continue }
        $type
        foreach ($property in $type.GetProperties('Public, Instance')) { $todo.Enqueue($property.PropertyType) }
    }
}

function Get-Surface {
    $commands = @(Get-Command -Module DicomPS -CommandType Cmdlet | Sort-Ordinal Name)
    $module = Get-Module DicomPS
    foreach ($kind in 'Aliases', 'Functions', 'Variables') {
        $names = @($module."Exported$kind".Keys | Sort-Ordinal)
        "module, exported $($kind.ToLowerInvariant()): $(if ($names) { $names -join ', ' } else { 'none' })"
    }
    # A test of the module holds the topic against ErrorIds.cs.
    $topic = Get-Content -Raw "$root/docs/en-US/about_DicomPS_Troubleshooting.md"
    [regex]::Matches($topic, '(?m)^(?:Dicom\w+, )*Dicom\w+(?=:)').Value -split ', ' | Sort-Ordinal | ForEach-Object { "error $_" }
    foreach ($command in $commands) { Get-SurfaceOfCommand $command }
    foreach ($type in Get-SurfaceType $commands | Sort-Ordinal Name) { Get-SurfaceOfType $type }
}
