@rem Sets %python% to the environment's own Python, or to one on this computer that can make it.
@set "python=%~dp0..\.venv\Scripts\python.exe"
@if exist "%python%" exit /b 0
@for %%v in (3.13 3.12 3.11 3.14) do @(
  for /f "delims=" %%p in ('py -%%v -c "import ensurepip, sys, venv; print(sys.executable)" 2^>nul') do @if exist "%%p" (
    set "python=%%p"
    exit /b 0
  )
)
@for /f "delims=" %%p in ('python -c "import ensurepip, sys, venv; (3, 11) <= sys.version_info[:2] <= (3, 14) and print(sys.executable)" 2^>nul') do @if exist "%%p" (
  set "python=%%p"
  exit /b 0
)
@echo llmstudio needs Python 3.11 to 3.14, and none was found; get it with: winget install Python.Python.3.13
@exit /b 1
