@{
    # Windows PowerShell 5.1 and PowerShell 7 load different builds of the same sources (about_PowerShell_Editions).
    RootModule           = if ($PSEdition -eq 'Core') { 'net8.0/DicomPS.dll' } else { 'netstandard2.0/DicomPS.dll' }
    ModuleVersion        = '0.1.0'
    GUID                 = 'b1f0c1de-6a7e-4a44-9a0c-6f5d27d0c6f4'
    Author               = 'DicomPS contributors'
    CompanyName          = 'DicomPS contributors'
    Copyright            = '(c) DicomPS contributors. MIT licence.'
    Description          = 'DICOM networking for PowerShell: test, send and receive, with objects in the pipeline and an engine of its own.'
    CompatiblePSEditions = @('Core', 'Desktop')
    PowerShellVersion    = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    # Types.ps1xml names types of these, and is read before the root module.
    RequiredAssemblies   = if ($PSEdition -eq 'Core') { 'net8.0/DicomPS.Engine.dll', 'net8.0/DicomPS.dll' } else { 'netstandard2.0/DicomPS.Engine.dll', 'netstandard2.0/DicomPS.dll' }
    FormatsToProcess     = @('DicomPS.Format.ps1xml')
    TypesToProcess       = @('DicomPS.Types.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Add-DicomTransferItem'
        'Compare-DicomArchive'
        'ConvertFrom-DicomJson'
        'ConvertTo-DicomJson'
        'Export-DicomIndex'
        'Export-DicomTransferReport'
        'Find-DicomInstance'
        'Find-DicomObject'
        'Find-DicomPatient'
        'Find-DicomSeries'
        'Find-DicomStudy'
        'Find-DicomWorklist'
        'Get-DicomArchive'
        'Get-DicomElement'
        'Get-DicomFile'
        'Get-DicomNode'
        'Get-DicomProcedureStep'
        'Get-DicomScp'
        'Get-DicomScpEvent'
        'Get-DicomService'
        'Get-DicomStorageScp'
        'Get-DicomTransfer', 'Get-DicomTransferItem'
        'Get-DicomUser'
        'Import-DicomFile', 'Import-DicomNode'
        'Measure-DicomTransfer'
        'Move-DicomObject'
        'Move-DicomStudy'
        'New-DicomCertificate'
        'New-DicomProcedureStep'
        'New-DicomTransfer'
        'Protect-DicomStudy'
        'Receive-DicomObject'
        'Receive-DicomScp'
        'Receive-DicomStorageScp'
        'Receive-DicomStudy'
        'Register-DicomService'
        'Remove-DicomNode', 'Remove-DicomTransfer'
        'Remove-DicomUser'
        'Repair-DicomArchive'
        'Request-DicomStorageCommitment'
        'Reset-DicomTransferItem', 'Resume-DicomTransfer'
        'Send-DicomFile'
        'Send-DicomInstanceAvailability'
        'Set-DicomNode'
        'Set-DicomUser'
        'Set-DicomProcedureStep'
        'Set-DicomTransferNode'
        'Start-DicomArchive'
        'Start-DicomScp'
        'Start-DicomService'
        'Start-DicomStorageScp'
        'Start-DicomTransferWorker'
        'Stop-DicomArchive'
        'Stop-DicomScp'
        'Stop-DicomService'
        'Stop-DicomStorageScp'
        'Stop-DicomTransfer', 'Suspend-DicomTransfer'
        'Test-DicomEcho'
        'Test-DicomSecurity'
        'Test-DicomStorageCommitment'
        'Test-DicomTransfer'
        'Unprotect-DicomStudy'
        'Unregister-DicomService'
        'Wait-DicomStudy'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('DICOM', 'PACS', 'MedicalImaging', 'Radiology', 'Healthcare', 'PSEdition_Core', 'PSEdition_Desktop', 'Windows', 'Linux', 'MacOS')
            LicenseUri = 'https://github.com/dicomps/DicomPS/blob/main/LICENSE'
            ProjectUri = 'https://github.com/dicomps/DicomPS'
            ReleaseNotes = 'CHANGELOG.md, beside this file.'
        }
    }
}
