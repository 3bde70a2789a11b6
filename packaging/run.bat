@echo off
rem Opens llmstudio when double-clicked. The first time it sets itself up in .venv. Arguments go to the command line.
setlocal
call "%~dp0find_python.bat" && "%python%" -E -s "%~dp0launch.py" %*
if errorlevel 1 (
  if "%~1"=="" pause
  exit /b 1
)
