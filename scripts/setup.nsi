; The setup for Windows, for one user and without an administrator. `scripts/make_setup` runs makensis with VERSION,
; SIZE_KB, FOLDER (the files to install) and OUT. The user's sessions are in another folder, and stay.
Unicode true
Target amd64-unicode
SetCompressor zlib ; lzma takes minutes, and saves a quarter
Name "livecoach"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\livecoach"
InstallDirRegKey HKCU "Software\livecoach" "folder"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\livecoach"
Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

; Removes only livecoach's files: the folder may contain others.
!macro RemoveProgram
  RMDir /r "$INSTDIR\Lib"
  RMDir /r "$INSTDIR\DLLs"
  Delete "$INSTDIR\*.dll"
  Delete "$INSTDIR\python.exe"
  Delete "$INSTDIR\livecoach.exe"
!macroend

Section
  !insertmacro RemoveProgram
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  SetOutPath "$PROFILE" ; the folder in which the shortcuts begin
  CreateDirectory "$SMPROGRAMS\livecoach"
  CreateShortcut "$SMPROGRAMS\livecoach\livecoach.lnk" "$INSTDIR\livecoach.exe"
  CreateShortcut "$SMPROGRAMS\livecoach\livecoach commands.lnk" "$SYSDIR\cmd.exe" '/k set "PATH=$INSTDIR;%PATH%"'
  WriteRegStr HKCU "Software\livecoach" "folder" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "livecoach"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section Uninstall
  !insertmacro RemoveProgram
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  RMDir /r "$SMPROGRAMS\livecoach"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\livecoach"
SectionEnd
